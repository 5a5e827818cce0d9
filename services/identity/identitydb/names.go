package identitydb

import (
	"context"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
)

func namePlace(person ids.SubjectID, key string) string {
	return "identity_device.name/" + string(person) + "/" + key
}

// NameDevice keeps a device's name, as identity.SessionStore promises.
func (s *Store) NameDevice(ctx context.Context, u unit.Unit, person ids.SubjectID, key, name string) error {
	const op = "identitydb.NameDevice"
	if name == "" {
		_, err := database.Tx(u).ExecContext(ctx, `delete from identity_device where person = $1 and device_key = $2`, string(person), key)
		return fault.Wrap(op, err)
	}
	sealed, err := s.ring.Seal(namePlace(person, key), []byte(name))
	if err != nil {
		return fault.Wrap(op, err)
	}
	_, err = database.Tx(u).ExecContext(ctx, `
		insert into identity_device (person, device_key, name) values ($1, $2, $3)
		on conflict (person, device_key) do update set name = excluded.name`, string(person), key, sealed)
	return fault.Wrap(op, err)
}

// DeviceNames gives a person's names, as identity.SessionStore promises.
func (s *Store) DeviceNames(ctx context.Context, person ids.SubjectID) (map[string]string, error) {
	const op = "identitydb.DeviceNames"
	list, err := database.All(ctx, s.db.Read(), func(row database.Scanner) ([2]string, error) {
		var key, sealed string
		if err := row.Scan(&key, &sealed); err != nil {
			return [2]string{}, err
		}
		name, err := s.ring.Open(namePlace(person, key), sealed)
		return [2]string{key, string(name)}, err
	}, `select device_key, name from identity_device where person = $1`, string(person))
	names := make(map[string]string, len(list))
	for _, n := range list {
		names[n[0]] = n[1]
	}
	return names, fault.Wrap(op, err)
}
