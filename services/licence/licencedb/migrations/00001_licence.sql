-- +goose Up
create table licence_code (
    subject   text   not null,
    grp       text   not null, -- keyed hash of licence and fields
    hash      text   unique,   -- keyed hash of the newest code; null once it ended
    at        bigint not null,
    prev_hash text   unique,   -- of the one before
    prev_at   bigint not null,
    shown     text   not null, -- sealed
    primary key (subject, grp)
);

create index licence_code_at on licence_code (at);

create table licence_check (
    subject    text   not null,
    id         text   not null unique,
    officer    text   not null,
    verifier   text   not null,
    state      text   not null,
    asked      text   not null, -- sealed
    created_at bigint not null,
    moved_at   bigint not null,
    primary key (subject, id)
);

create index licence_check_waiting on licence_check (subject, created_at) where state = 'WAITING';
create index licence_check_at on licence_check (created_at);

-- +goose Down
drop table licence_check;
drop table licence_code;
