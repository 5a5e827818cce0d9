package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// report prints the table. Ratios are CPU time to stock's with the same
// upstream delay.
func report(w io.Writer, rows []row) {
	t := tabwriter.NewWriter(w, 2, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "server\twhat\tupstream ms\trequests\tCPU s/1000\tto stock\tto pooled\treq/s\tp50 ms\tp99 ms\tallocs\tKB alloc\tRSS MB\tbytes\tcalls\tSQL\tRedis\t")
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%.3f\t%s\t%s\t%.0f\t%.2f\t%.2f\t%.0f\t%.0f\t%.0f\t%.0f\t%.2f\t%.2f\t%.2f\t\n",
			r.Server, r.What, r.UpstreamMS, r.Requests, r.CPUPer1000, share(r.Ratio), share(r.RatioPooled), r.PerSecond, r.P50MS, r.P99MS, r.Allocations, r.AllocatedKB, r.RSSMB, r.Bytes, r.UpstreamCalls, r.SQL, r.Redis)
	}
	_ = t.Flush()
}

// share writes a ratio; nothing where there is none.
func share(ratio float64) string {
	if ratio == 0 {
		return ""
	}
	return fmt.Sprintf("%.3f", ratio)
}
