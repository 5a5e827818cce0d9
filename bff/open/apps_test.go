package open_test

import (
	"encoding/json"
	"net/http/httptest"
	"testing"

	"github.com/tongban/tongban/bff/open"
	"github.com/tongban/tongban/services/miniapp"
)

type shelf []miniapp.App

func (s shelf) Published() []miniapp.App { return s }

func TestOnlyAppsThatOpenAreListedWithTheirOrigins(t *testing.T) {
	opens := &miniapp.Manifest{Name: "粤省事(示例)", Origins: []string{"https://p44.example.cn"}}
	opens.Token.InitiateLoginURI = "https://p44.example.cn/app/login"
	w := httptest.NewRecorder()
	open.NewApps(shelf{{ID: "cn.gov.demo.p44", Manifest: opens}, {ID: "cn.gov.demo.silent", Manifest: &miniapp.Manifest{Origins: []string{"https://s.example.cn"}}}}).
		ServeHTTP(w, httptest.NewRequest("GET", open.AppsPath, nil))
	var got struct {
		Apps []struct {
			ID, Name string
			Origins  []string
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Apps) != 1 || got.Apps[0].ID != "cn.gov.demo.p44" || len(got.Apps[0].Origins) != 1 || got.Apps[0].Origins[0] != "https://p44.example.cn" {
		t.Errorf("%s", w.Body)
	}
}
