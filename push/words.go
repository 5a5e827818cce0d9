package push

import (
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/mandate"
)

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

// mandateTitles are the headline of a notice by the mandate's state, mandateWords
// what it tells by state and side: Chinese, English.
var (
	mandateTitles = map[string][2]string{
		string(mandate.Accepted): {"授权代办待您确认", "A mandate waits for you"},
		string(mandate.Standing): {"授权代办已生效", "A mandate stands"},
		string(mandate.Ended):    {"授权代办已结束", "A mandate has ended"},
		string(mandate.Lapsed):   {"授权代办已到期", "A mandate has run out"},
	}
	mandateWords = map[string]map[string][2]string{
		string(mandate.Accepted): {
			asPrincipal: {
				"有人接受了您的授权代办。请在一天内到“授权代办”中查看是谁，再确认；不是您要授权的人，请不要确认。",
				"Somebody has taken your mandate. Look under Mandates who it is, and confirm within a day; do not confirm anybody else than you meant.",
			},
			asMaker: {
				"有人接受了您为企业作出的授权代办。请在一天内以企业身份登录，到“授权代办”中查看是谁，再确认；不是企业要授权的人，请不要确认。",
				"Somebody has taken the mandate that you made for your enterprise. Sign in for it within a day, look under Mandates who it is, and confirm; do not confirm anybody else than you meant.",
			},
		},
		string(mandate.Standing): {
			asPrincipal: {
				"您的授权代办已生效，可随时在“授权代办”中结束。如不是您本人确认，请立即结束。",
				"Your mandate stands from now on. You can end it at any time under Mandates; do so at once if it was not you who confirmed it.",
			},
			asDelegate: {
				"授权人已确认，您现在可以代为办理。您也可随时在“授权代办”中结束。",
				"The principal has confirmed: you may act from now on. You too can end it at any time under Mandates.",
			},
			asMaker: {
				"您为企业作出的授权代办已生效，可随时以企业身份登录，在“授权代办”中结束。如不是您本人确认，请立即结束。",
				"The mandate that you made for your enterprise stands from now on. Signed in for it, you can end it at any time under Mandates; do so at once if it was not you who confirmed it.",
			},
		},
		string(mandate.Ended): {
			asPrincipal: {
				"您的一项授权代办已结束，代办人不能再替您办理。",
				"A mandate of yours has ended: the delegate can no longer act for you.",
			},
			asDelegate: {
				"一项由您代办的授权代办已结束，您不能再代为办理。",
				"A mandate that you took has ended: you can no longer act by it.",
			},
			asMaker: {
				"您为企业作出的一项授权代办已结束，代办人不能再替企业办理。",
				"A mandate that you made for your enterprise has ended: the delegate can no longer act for it.",
			},
		},
		string(mandate.Lapsed): {
			asPrincipal: {
				"您的一项授权代办已到期，代办人不能再替您办理。如仍需要，请到“授权代办”中重新授权。",
				"A mandate of yours has run out: the delegate can no longer act for you. If you still need it, give a new one under Mandates.",
			},
			asDelegate: {
				"一项由您代办的授权代办已到期，您不能再代为办理。如仍需要，请授权人重新授权。",
				"A mandate that you took has run out: you can no longer act by it. If it is still needed, ask the principal for a new one.",
			},
			asMaker: {
				"您为企业作出的一项授权代办已到期，代办人不能再替企业办理。如仍需要，请以企业身份登录，到“授权代办”中重新授权。",
				"A mandate that you made for your enterprise has run out: the delegate can no longer act for it. If it is still needed, sign in for the enterprise and give a new one under Mandates.",
			},
		},
	}
)

func (n *Notice) sayMandate(language string) {
	title, words := mandateTitles[n.State], mandateWords[n.State][n.Side]
	n.Title, n.Body = title[0], words[0]
	if language == "en" {
		n.Title, n.Body = title[1], words[1]
	}
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
	switch n.Kind {
	case KindNewDevice:
		n.sayNewDevice(language)
		return
	case KindMandateMoved:
		n.sayMandate(language)
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
