-- +goose Up
create table miniapp_app (
  app    text   not null primary key,
  newest bigint not null
);
create table miniapp_version (
  app      text   not null,
  version  bigint not null,
  digest   text   not null,
  raw      text   not null,
  state    text   not null,
  state_at bigint not null,
  state_by text   not null,
  reason   text   not null,
  primary key (app, version)
);
create table miniapp_step (
  app        text   not null,
  seq        bigint not null,
  version    bigint not null,
  from_state text   not null,
  to_state   text   not null,
  by_whom    text   not null,
  reason     text   not null,
  at         bigint not null,
  primary key (app, seq)
);

-- +goose Down
drop table miniapp_step;
drop table miniapp_version;
drop table miniapp_app;
