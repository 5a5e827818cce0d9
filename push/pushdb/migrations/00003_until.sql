-- +goose Up
alter table push_device add column until bigint not null default 0; -- 0: no end

-- +goose Down
alter table push_device drop column until;
