-- +goose Up
alter table push_device add column session text not null default ''; -- the sign-in it was registered in; '' before these were kept

-- +goose Down
alter table push_device drop column session;
