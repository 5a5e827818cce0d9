-- +goose Up
-- The 4,096 turns of phone numbers: whoever gives or takes a number holds the row
-- that its keyed hash begins with. Two characters name no number.
create table identity_phone_turn (
    part text not null primary key
);

-- +goose Down
drop table identity_phone_turn;
