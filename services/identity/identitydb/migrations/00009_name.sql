-- +goose Up
create table identity_device (
    person     text not null,
    device_key text not null,
    name       text not null, -- sealed
    primary key (person, device_key)
);

-- +goose Down
drop table identity_device;
