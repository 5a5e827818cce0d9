-- +goose Up
create table push_notice (
    subject    text   not null,
    id         text   not null primary key,
    source     text   not null,
    kind       text   not null,
    case_id    text   not null,
    item       text   not null,
    state      text   not null,
    created_at bigint not null,
    read_at    bigint not null
);
create unique index push_notice_source on push_notice (subject, source);
create index push_notice_newest on push_notice (subject, created_at, id);

create table push_device (
    subject     text   not null,
    id          text   not null primary key,
    platform    text   not null,
    token       text   not null, -- sealed
    token_index text   not null, -- keyed hash
    created_at  bigint not null
);
create unique index push_device_token on push_device (token_index);
create index push_device_subject on push_device (subject, created_at);

create table push_delivery (
    subject text   not null,
    notice  text   not null,
    device  text   not null,
    state   text   not null,
    reason  text   not null,
    at      bigint not null,
    primary key (subject, notice, device)
);

-- +goose Down
drop table push_delivery;
drop table push_device;
drop table push_notice;
