package push

import "github.com/tongban/tongban/services/casework"

// The words of an announcement are the same for everybody and every matter.
const (
	announceTitle = "通办"
	announceBody  = "您有一条新消息，请打开应用查看。"
)

// stateWords are how a notice tells a case's state: Chinese, English.
var stateWords = map[string][2]string{
	string(casework.Received):   {"收件地已收到您的材料", "has been received"},
	string(casework.Accepted):   {"已受理", "has been accepted"},
	string(casework.Correction): {"需要补正，请打开查看", "needs a correction: please look"},
	string(casework.Done):       {"已办结", "is done"},
	string(casework.Refused):    {"未予办理，请打开查看原因", "was refused: please look for the reason"},
	// A case that costs nothing is submitted by the person, who is not told so.
	string(casework.Submitted): {"已缴费，已送往办理地", "has been paid, and is on its way to the authority"},
	string(casework.Closed):    {"未在期限内缴费，已关闭，没有扣款", "was closed: it was not paid in time, and nothing was charged"},
}

func (n *Notice) sayNewDevice(language string) {
	if language == "en" {
		on := "a new device"
		if n.Device != "" {
			on = "a new device, “" + n.Device + "”"
		}
		n.Title = "Sign-in on a new device"
		n.Body = "Your account was signed in to on " + on + ". If it was not you, end all sign-ins under Devices and tell your identity source."
		return
	}
	on := "一台新设备"
	if n.Device != "" {
		on = "新设备“" + n.Device + "”"
	}
	n.Title = "新设备登录"
	n.Body = "您的账号在" + on + "上登录。如不是您本人，请在“登录设备”中结束全部登录，并联系身份认证平台。"
}

func (n *Notice) say(item, language string) {
	if n.Kind == KindAppMessage { // a province's words are in its language
		n.Title, n.Body = n.AppName, n.Words
		if n.Item != "" {
			n.Body = "“" + item + "”：" + n.Words
		}
		return
	}
	if n.Kind == KindNewDevice {
		n.sayNewDevice(language)
		return
	}
	words := stateWords[n.State]
	if language == "en" {
		n.Title = "Progress of your matter"
		n.Body = item + " " + words[1] + "."
		return
	}
	n.Title = "办件进度"
	n.Body = "“" + item + "”" + words[0] + "。"
}
