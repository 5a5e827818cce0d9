# Finds or starts PostgreSQL and Redis on 127.0.0.1 and says where they are.
# Sourced by .ci/run.

install() { # package…
  command -v apt-get >/dev/null || { echo "missing: $*; install it and run again"; return 1; }
  apt-get install -y -q "$@" >/dev/null || { apt-get update -q && apt-get install -y -q "$@"; }
}

if ! (exec 3<>/dev/tcp/127.0.0.1/5432) 2>/dev/null; then
  # A cluster of our own, trusting loopback; PostgreSQL refuses to run as root.
  ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || install postgresql
  bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  cluster=$(mktemp -d)
  chown postgres "$cluster"
  runuser -u postgres -- "$bin/initdb" -A trust -D "$cluster/data" >/dev/null
  runuser -u postgres -- "$bin/pg_ctl" -D "$cluster/data" -l "$cluster/log" -o "-p 5432 -h 127.0.0.1 -k $cluster" start >/dev/null
fi
if ! (exec 3<>/dev/tcp/127.0.0.1/6379) 2>/dev/null; then
  command -v redis-server >/dev/null || install redis-server
  redis-server --daemonize yes --bind 127.0.0.1 --port 6379 --save "" --appendonly no >/dev/null
fi
command -v node >/dev/null || install nodejs npm
command -v chromium >/dev/null || install chromium
command -v zbarimg >/dev/null || install zbar-tools
fc-list 2>/dev/null | grep -q "Noto Sans CJK" || install fontconfig fonts-noto-cjk # Chinese must have its glyphs

for port in 5432 6379; do
  for _ in $(seq 50); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    sleep 0.2
  done
  (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "nothing answers on 127.0.0.1:$port"; exit 1; }
done
export TONGBAN_TEST_POSTGRES=${TONGBAN_TEST_POSTGRES:-postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable}
export TONGBAN_TEST_REDIS=${TONGBAN_TEST_REDIS:-127.0.0.1:6379}
echo "PostgreSQL and Redis answer"
