-- +goose Up
alter table identity_account add column kind text not null default 'PERSON';

alter table identity_session add column by_subject text not null default ''; -- who acts for an enterprise
alter table identity_session add column role text not null default '';
alter table identity_session add column until bigint not null default 0; -- when the word on the role ends; 0 for none
create index identity_session_acting on identity_session (by_subject) where ended_at = 0 and by_subject <> '';

-- +goose Down
drop index identity_session_acting;
alter table identity_session drop column until;
alter table identity_session drop column role;
alter table identity_session drop column by_subject;
alter table identity_account drop column kind;
