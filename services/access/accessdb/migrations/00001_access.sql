-- +goose Up
create table access_ticket (
    subject    text   not null,
    kind       text   not null check (kind in ('handle', 'request', 'code', 'refresh')),
    hash       text   not null,
    body       text   not null,
    expires_at bigint not null,
    used_at    bigint not null default 0,
    gave       text   not null default '',
    primary key (kind, hash)
);
create index access_ticket_expires on access_ticket (expires_at);

create table access_grant (
    subject    text   not null,
    id         text   not null primary key,
    by_subject text   not null,
    app        text   not null,
    session    text   not null,
    scope      text   not null,
    level      bigint not null,
    given_at   bigint not null,
    expires_at bigint not null,
    ended_at   bigint not null default 0
);
create index access_grant_expires on access_grant (expires_at);

create table access_seen (
    key        text   not null primary key,
    expires_at bigint not null
);
create index access_seen_expires on access_seen (expires_at);

-- +goose Down
drop table access_seen;
drop table access_grant;
drop table access_ticket;
