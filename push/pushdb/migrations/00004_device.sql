-- +goose Up
alter table push_notice add column device text not null default ''; -- sealed; the label of a device that signed in

-- +goose Down
alter table push_notice drop column device;
