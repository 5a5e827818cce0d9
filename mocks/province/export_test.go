package province

import (
	"bytes"
	"encoding/json"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Written puts a question on the wire as the manifest says.
func (p *Province) Written(question any) ([]byte, error) {
	own, _ := question.(map[string]any)
	if p.dialect.Wire == wireXML {
		var b bytes.Buffer
		err := writeXML(&b, "PACKAGE", own["PACKAGE"])
		return b.Bytes(), err
	}
	body, err := json.Marshal(question)
	if err != nil || p.dialect.Wire != wireGBK {
		return body, err
	}
	return simplifiedchinese.GB18030.NewEncoder().Bytes(body)
}

// Heard reads an answer off the wire as the manifest says.
func (p *Province) Heard(raw []byte) (any, error) {
	if p.dialect.Wire == wireXML {
		root, err := readXML(raw)
		if err != nil {
			return nil, err
		}
		pack, _ := root["PACKAGE"].(map[string]any)
		data, _ := pack["DATA"].(map[string]any)
		if data == nil {
			data = map[string]any{}
			pack["DATA"] = data
		}
		switch one := data["RECORD"].(type) {
		case []any:
		case nil:
			data["RECORD"] = []any{}
		default:
			data["RECORD"] = []any{one}
		}
		return root, nil
	}
	if p.dialect.Wire == wireGBK {
		var err error
		if raw, err = simplifiedchinese.GB18030.NewDecoder().Bytes(raw); err != nil {
			return nil, err
		}
	}
	var answer any
	err := json.Unmarshal(raw, &answer)
	return answer, err
}
