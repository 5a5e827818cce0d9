package caseworkdb

import (
	"encoding/json"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/casework"
)

func notePlace(id ids.CaseID) string     { return "casework_case.note/" + string(id) }
func fieldsPlace(id ids.CaseID) string   { return "casework_case.fields/" + string(id) }
func materialPlace(id ids.CaseID) string { return "casework_case.materials/" + string(id) }

type sealed struct{ note, fields, materials string }

func (s *Store) seal(c casework.Case) (sealed, error) {
	fields, err := json.Marshal(c.Fields)
	if err != nil {
		return sealed{}, err
	}
	materials, err := json.Marshal(c.Materials)
	if err != nil {
		return sealed{}, err
	}
	var out sealed
	for _, x := range []struct {
		into  *string
		place string
		plain []byte
	}{
		{&out.note, notePlace(c.ID), []byte(c.Note)},
		{&out.fields, fieldsPlace(c.ID), fields},
		{&out.materials, materialPlace(c.ID), materials},
	} {
		if *x.into, err = s.ring.Seal(x.place, x.plain); err != nil {
			return sealed{}, err
		}
	}
	return out, nil
}

func (s *Store) scanCase(row database.Scanner) (casework.Case, error) {
	var c casework.Case
	var x sealed
	var created, updated int64
	err := row.Scan(&c.Subject, &c.ID, &c.By, &c.Mandate, &c.Item, &c.ItemName, &c.Region, &c.ReceivingRegion, &c.App, &c.State, &c.Seq,
		&x.note, &c.ReviewPoint, &c.Receipt, &x.fields, &x.materials, &created, &updated)
	if err != nil {
		return casework.Case{}, err
	}
	c.CreatedAt, c.UpdatedAt = database.FromMicros(created), database.FromMicros(updated)
	note, err := s.ring.Open(notePlace(c.ID), x.note)
	if err != nil {
		return casework.Case{}, err
	}
	c.Note = string(note)
	if err := s.open(fieldsPlace(c.ID), x.fields, &c.Fields); err != nil {
		return casework.Case{}, err
	}
	return c, s.open(materialPlace(c.ID), x.materials, &c.Materials)
}

func (s *Store) open(place, value string, into any) error {
	plain, err := s.ring.Open(place, value)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, into)
}
