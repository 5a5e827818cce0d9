-- +goose Up
alter table push_notice add column mandate text not null default '';
alter table push_notice add column side text not null default ''; -- as whom the person is told of a mandate

-- +goose Down
alter table push_notice drop column side;
alter table push_notice drop column mandate;
