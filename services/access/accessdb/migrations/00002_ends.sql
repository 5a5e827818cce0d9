-- +goose Up
-- A token's place in a status list; no list for apps that check otherwise.
alter table access_grant add column status_list text not null default '';
alter table access_grant add column status_idx bigint not null default 0;
create unique index access_grant_status on access_grant (status_list, status_idx) where status_list <> '';
create index access_grant_status_ended on access_grant (status_list, status_idx) where status_list <> '' and ended_at <> 0;

-- What ends grants: a session, a person's consent to an app, who acts, an app.
create index access_grant_session on access_grant (session) where ended_at = 0;
create index access_grant_person on access_grant (subject, app) where ended_at = 0;
create index access_grant_acting on access_grant (by_subject) where ended_at = 0 and by_subject <> '';
create index access_grant_app on access_grant (app, id) where ended_at = 0;

create table access_status_list (
    app       text   not null,
    id        text   not null primary key,
    size      bigint not null check (size > 0),
    opened_at bigint not null
);
create index access_status_list_app on access_status_list (app, opened_at);

-- +goose Down
drop table access_status_list;
drop index access_grant_app;
drop index access_grant_acting;
drop index access_grant_person;
drop index access_grant_session;
drop index access_grant_status_ended;
drop index access_grant_status;
alter table access_grant drop column status_idx;
alter table access_grant drop column status_list;
