-- +goose Up
create table consent_grant (
    subject      text   not null,
    id           text   not null primary key,
    by_subject   text   not null,
    app_id       text   not null,
    app_name     text   not null,
    version      text   not null,
    asked        text   not null,
    given        text   not null,
    revision     bigint not null,
    given_at     bigint not null,
    changed_at   bigint not null,
    withdrawn_at bigint not null -- 0 while it stands
);
create unique index consent_grant_standing on consent_grant (subject, app_id) where withdrawn_at = 0;
create index consent_grant_list on consent_grant (subject, given_at, id);

create table consent_act (
    subject    text   not null,
    consent_id text   not null,
    revision   bigint not null,
    kind       text   not null,
    by_subject text   not null,
    version    text   not null,
    given      text   not null,
    at         bigint not null,
    primary key (subject, consent_id, revision)
);

create table consent_text (
    version text not null primary key,
    zh      text not null,
    en      text not null
);

-- +goose Down
drop table consent_text;
drop table consent_act;
drop table consent_grant;
