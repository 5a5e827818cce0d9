-- +goose Up
alter table identity_account add column closed_at bigint not null default 0; -- 0 while it lives

-- +goose Down
alter table identity_account drop column closed_at;
