-- +goose Up
alter table mandate add column lapse_told boolean not null default false;
create index mandate_lapse on mandate (over_at) where confirmed_at > 0 and ended_at = 0 and not lapse_told;

-- +goose Down
drop index mandate_lapse;
alter table mandate drop column lapse_told;
