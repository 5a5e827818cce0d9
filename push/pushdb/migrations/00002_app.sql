-- +goose Up
alter table push_notice add column app text not null default '';
alter table push_notice add column app_name text not null default '';
alter table push_notice add column words text not null default '';

-- How many messages an app has sent a person on the last day it sent any.
create table push_quota (
    subject text   not null,
    app     text   not null,
    day     text   not null,
    used    bigint not null,
    primary key (subject, app)
);

-- +goose Down
drop table push_quota;
alter table push_notice drop column words;
alter table push_notice drop column app_name;
alter table push_notice drop column app;
