package elderly

import "context"

// hotline is the national hotline for government services (政务服务便民热线).
const hotline = "12345"

func helpNow(context.Context, look) state {
	return state{status: "打" + hotline + "，有人帮您", tap: "点一下，看找谁"}
}

// helpScreen says who can be asked. Nobody can be let act for one here yet.
func helpScreen() Screen {
	return Screen{
		Matter: Help, Kind: Tell, Step: "help", Title: "找人帮忙",
		Lines: []string{"打" + hotline + "，有人接。", "家里人可以在旁边帮您点。", "社区和办事大厅也有人帮。", "验证码谁要都别给。"},
		Plan:  plan("call", nil, Planned{Name: "open", Title: "点找人帮忙"}, Planned{Name: "call", Title: "打电话"}),
		Buttons: []Button{
			{Title: "打电话", Note: hotline, Act: ToCall, Phone: hotline}, home(),
		},
	}
}
