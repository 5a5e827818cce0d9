-- +goose Up
alter table access_grant add column mandate text not null default ''; -- by what by_subject acts
create index access_grant_mandate on access_grant (mandate) where ended_at = 0 and mandate <> '';

-- +goose Down
drop index access_grant_mandate;
alter table access_grant drop column mandate;
