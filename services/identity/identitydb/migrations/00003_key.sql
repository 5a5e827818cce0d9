-- +goose Up
alter table identity_session add column device_key text not null default ''; -- RFC 7638 thumbprint of the device's key
create index identity_session_key on identity_session (subject, device_key) where device_key <> '';

-- +goose Down
drop index identity_session_key;
alter table identity_session drop column device_key;
