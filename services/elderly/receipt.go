package elderly

import (
	"strings"
	"time"

	"github.com/tongban/tongban/services/casework"
)

const (
	// askAgain is how soon a moving case is looked at again. Our choice: before
	// who waits taps again.
	askAgain = 2 * time.Second
	// recent is how long a case that moves stands before its matter. Our
	// choice: a working week.
	recent = 7 * 24 * time.Hour
)

// receipt tells how a case stands, in words of its matter.
func (s *Service) receipt(l look, kind Kind, c casework.Case) Screen {
	screen := Screen{Matter: kind, Kind: Receipt, Step: "receipt", Case: c.ID, Number: c.Receipt, Plan: donePlan(l, kind, c), Buttons: []Button{home()}}
	place := s.regionName(c.Region)
	about := about(c, l.now)
	switch state := c.State; {
	case state == casework.PaymentDue:
		screen.Title = "还没付钱"
		screen.Buttons = []Button{{Title: "去付钱", Act: ToDo, Matter: Payment, Said: answers{"case": string(c.ID)}.list()}, home()}
	case state == casework.Closed:
		screen.Title, screen.Lines = "没有付，已经取消", []string{"没有扣您的钱。"}
	case state == casework.Submitted && c.Receipt == "":
		screen.Title, screen.Lines, screen.AskAgain = "已经交上去了", append(about, "正在送到"+place+"。"), askAgain
	case state == casework.Submitted, state == casework.Received, state == casework.Accepted:
		screen.Title, screen.Lines, screen.AskAgain = place+"收到了", append(about, "办好了会告诉您。"), askAgain
	case state == casework.Correction:
		screen.Title, screen.Lines = "还要补东西", []string{plain(c.Note, l.now)}
		screen.Buttons = append(screen.Buttons, askHelp())
	case state == casework.Refused:
		screen.Title, screen.Lines = "这次没办成", []string{why(plain(c.Note, l.now))}
		screen.Buttons = []Button{{Title: "重新办", Act: ToStep, Matter: kind, Said: []Said{}}, home(), askHelp()}
	default:
		screen.Title, screen.Lines = doneWords(kind), about
	}
	return screen
}

// about says what a case is about, as far as the person chose it.
func about(c casework.Case, now time.Time) []string {
	var lines []string
	if c.Fields["hospital"] != "" && c.Fields["visit_date"] != "" {
		lines = append(lines, c.Fields["hospital"]+" "+c.Fields["department"], visit(c, now))
	}
	if c.Payment != nil && c.Payment.State == casework.Paid {
		amount, _, _ := money(c.Payment.AmountYuan())
		lines = append(lines, "付了"+amount+","+dayOf(c.Payment.PaidAt, now)+"。")
	}
	return lines
}

func doneWords(kind Kind) string {
	switch kind {
	case Payment:
		return "缴好了"
	case Qualification:
		return "认证好了"
	case Appointment:
		return "约好了"
	case Filing:
		return "登记好了"
	}
	return "办好了"
}

// why takes the province's own reason out of the words around it, which are
// for other screens.
func why(note string) string {
	if _, rest, ok := strings.Cut(note, "("); ok {
		if reason, _, ok := strings.Cut(rest, ")"); ok && reason != "" && reason != "示例" {
			return reason
		}
	}
	return note
}

// donePlan is the plan when all was taken.
func donePlan(l look, kind Kind, c casework.Case) []Planned {
	switch kind {
	case Payment:
		return paymentPlan("")
	case Qualification:
		return qualificationPlan("")
	case Appointment:
		return appointmentPlan("")
	case Filing:
		return filingPlan("", elsewhere(l, c.Region), answers(c.Fields))
	}
	return []Planned{}
}
