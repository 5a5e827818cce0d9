-- +goose Up
alter table access_grant add column consent text not null default ''; -- what it rests on; '' for statutes alone

-- +goose Down
alter table access_grant drop column consent;
