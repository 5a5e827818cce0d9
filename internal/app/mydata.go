package app

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/push"
	"github.com/tongban/tongban/services/mydata"
)

// told is what is kept to reach a person, for the copy of its data.
func told(p *push.Service) []mydata.Part {
	type notice struct {
		Title     string    `json:"title"`
		Body      string    `json:"body"`
		CreatedAt time.Time `json:"createdAt"`
		ReadAt    time.Time `json:"readAt,omitzero"`
	}
	type device struct {
		ID        ids.DeviceID  `json:"id"`
		Platform  push.Platform `json:"platform"`
		CreatedAt time.Time     `json:"createdAt"`
	}
	return []mydata.Part{
		{Name: "notices", Read: func(ctx context.Context, actor ids.Actor) (any, error) {
			page, err := p.Inbox(ctx, actor, push.Page{First: 100}, "zh") // the newest; each is told in the app as well
			list := []notice{}
			for _, n := range page.Notices {
				list = append(list, notice{n.Title, n.Body, n.CreatedAt, n.ReadAt})
			}
			return list, err
		}},
		{Name: "devices", Read: func(ctx context.Context, actor ids.Actor) (any, error) {
			devices, err := p.Store.Devices(ctx, actor.Subject)
			list := []device{}
			for _, d := range devices {
				list = append(list, device{d.ID, d.Platform, d.CreatedAt})
			}
			return list, err
		}},
	}
}
