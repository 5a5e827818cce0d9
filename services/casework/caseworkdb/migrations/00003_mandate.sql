-- +goose Up
alter table casework_case add column mandate text not null default ''; -- by what by_subject acted

-- +goose Down
alter table casework_case drop column mandate;
