package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Telemetry holds the meters and the tracer of one process.
type Telemetry struct {
	registry *prometheus.Registry
	meters   *sdkmetric.MeterProvider
	traces   *sdktrace.TracerProvider

	requests  metric.Float64Histogram
	sources   metric.Int64Counter
	alarms    metric.Int64Counter
	pushed    metric.Int64Counter
	limiter   metric.Int64Counter
	statement metric.Int64Counter
	operation metric.Int64Counter
}

// New makes the meters. Traces go to the OTLP/HTTP endpoint (host:port or URL)
// when it is not empty, else nowhere.
func New(ctx context.Context, traceEndpoint string) (*Telemetry, error) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	exporter, err := otelprom.New(otelprom.WithRegisterer(reg))
	if err != nil {
		return nil, fmt.Errorf("telemetry: metrics: %w", err)
	}
	t := &Telemetry{registry: reg, meters: sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter))}
	options := []sdktrace.TracerProviderOption{
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "tongban"))),
	}
	if traceEndpoint != "" {
		spans, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(traceEndpoint))
		if err != nil {
			return nil, fmt.Errorf("telemetry: traces: %w", err)
		}
		options = append(options, sdktrace.WithBatcher(spans))
	} else {
		options = append(options, sdktrace.WithSampler(sdktrace.NeverSample()))
	}
	t.traces = sdktrace.NewTracerProvider(options...)
	return t, t.instruments()
}

func (t *Telemetry) instruments() error {
	m := t.meters.Meter("tongban")
	var errs [7]error
	t.requests, errs[0] = m.Float64Histogram("tongban_http_request_seconds",
		metric.WithDescription("Answered requests by route pattern and status."), metric.WithUnit("s"),
		metric.WithExplicitBucketBoundaries(.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5))
	t.sources, errs[1] = m.Int64Counter("tongban_source_readings",
		metric.WithDescription("Readings of a plug-in's capability by app, capability and freshness."))
	t.alarms, errs[2] = m.Int64Counter("tongban_source_wrong_person",
		metric.WithDescription("Answers dropped because they were another person's record, by app and capability."))
	t.limiter, errs[3] = m.Int64Counter("tongban_limiter_changes",
		metric.WithDescription("Changes between the shared buckets of Redis and the stand-in of this process, by the new state."))
	t.statement, errs[4] = m.Int64Counter("tongban_sql_statements",
		metric.WithDescription("SQL statements sent."))
	t.operation, errs[5] = m.Int64Counter("tongban_graphql_operations",
		metric.WithDescription("Answered GraphQL operations by front, trusted document and code of the first error."))
	t.pushed, errs[6] = m.Int64Counter("tongban_app_events",
		metric.WithDescription("Pushes of signed events to mini-apps by app and outcome: taken, refused, alarm, later."))
	return errors.Join(errs[:]...)
}

// Operation counts an answered GraphQL operation; operation is a trusted
// document's name or "other", code is empty where all went well.
func (t *Telemetry) Operation(front, operation, code string) {
	t.operation.Add(context.Background(), 1, metric.WithAttributes(
		attribute.String("front", front), attribute.String("operation", operation), attribute.String("code", code)))
}

// Request counts an answered request.
func (t *Telemetry) Request(route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	t.requests.Record(context.Background(), took.Seconds(), metric.WithAttributes(
		attribute.String("route", route), attribute.Int("status", status)))
}

// Reading counts one reading of a source.
func (t *Telemetry) Reading(app, capability, freshness string) {
	t.sources.Add(context.Background(), 1, metric.WithAttributes(
		attribute.String("app", app), attribute.String("capability", capability), attribute.String("freshness", freshness)))
}

// WrongPerson counts an answer that was another person's record: an alarm.
func (t *Telemetry) WrongPerson(app, capability string) {
	t.alarms.Add(context.Background(), 1, metric.WithAttributes(attribute.String("app", app), attribute.String("capability", capability)))
}

// Pushed counts a push of a signed event to an app; the outcome alarm wants
// somebody to look.
func (t *Telemetry) Pushed(app, outcome string) {
	t.pushed.Add(context.Background(), 1, metric.WithAttributes(attribute.String("app", app), attribute.String("outcome", outcome)))
}

// Limiter counts a change between Redis ("shared") and its stand-in ("alone").
func (t *Telemetry) Limiter(state string) {
	t.limiter.Add(context.Background(), 1, metric.WithAttributes(attribute.String("state", state)))
}

// Statement counts an SQL statement.
func (t *Telemetry) Statement() { t.statement.Add(context.Background(), 1) }

// Tracer gives the tracer of the product.
func (t *Telemetry) Tracer() trace.Tracer { return t.traces.Tracer("tongban") }

// Around opens a span for each request, named by its route pattern.
func (t *Telemetry) Around(h http.Handler) http.Handler {
	tracer := t.Tracer()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tracer.Start(r.Context(), "http", trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		r = r.WithContext(ctx)
		h.ServeHTTP(w, r)
		if span.IsRecording() {
			span.SetName("http " + r.Pattern)
			span.SetAttributes(attribute.String("http.route", r.Pattern), attribute.String("request.id", r.Header.Get("X-Request-Id")))
		}
	})
}

// Handler serves the metrics page.
func (t *Telemetry) Handler() http.Handler {
	return promhttp.HandlerFor(t.registry, promhttp.HandlerOpts{})
}

// Close sends what is left and ends.
func (t *Telemetry) Close(ctx context.Context) error {
	return errors.Join(t.traces.Shutdown(ctx), t.meters.Shutdown(ctx))
}
