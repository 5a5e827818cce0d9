-- +goose Up
create table identity_account (
    subject    text   not null primary key,
    id_index   text   unique, -- null while nobody checked the ID number
    level      bigint not null,
    profile    text   not null, -- sealed
    created_at bigint not null,
    updated_at bigint not null
);

create table identity_external (
    subject   text   not null,
    source    text   not null,
    sub_index text   not null,
    linked_at bigint not null,
    primary key (source, sub_index)
);
create index identity_external_subject on identity_external (subject);

create table identity_session (
    subject      text   not null,
    id           text   not null primary key,
    client       text   not null,
    level        bigint not null,
    created_at   bigint not null,
    last_used_at bigint not null,
    ended_at     bigint not null, -- 0 while it lives
    device       text   not null  -- sealed
);
create index identity_session_living on identity_session (subject, created_at) where ended_at = 0;

create table identity_pending (
    state_index text   not null primary key,
    sealed      text   not null, -- sealed
    expires_at  bigint not null
);
create index identity_pending_expires on identity_pending (expires_at);

-- +goose Down
drop table identity_pending;
drop table identity_session;
drop table identity_external;
drop table identity_account;
