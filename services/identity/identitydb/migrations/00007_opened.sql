-- +goose Up
alter table identity_session add column opened_at bigint not null default 0; -- when its first token was given; 0 for not yet
update identity_session set opened_at = created_at;
create index identity_session_begun on identity_session (created_at) where opened_at = 0;

-- +goose Down
drop index identity_session_begun;
delete from identity_session where opened_at = 0;
alter table identity_session drop column opened_at;
