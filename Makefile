# Every target says what it does: make help

STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: help demo story test test-full check generate fresh lint release race demands bench kill rotation refusals cost load first-screen pictures alike

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: ## run the product with the outside world beside it
	go run . demo

story: ## tell the main loop in about a minute
	go run . demo --story

test: ## the tests that need Go alone
	go test ./...

test-full: ## all tests: needs PostgreSQL, Redis and Node (npm ci in mocks/clients)
	TONGBAN_TEST_FULL=1 go test ./...

check: lint fresh test ## what must be green before each commit

release: ## take the fronts' schemas as released: clients may be built for them, so nothing in them may go
	go test ./bff/internal/front -count 1 -run TestNoFrontBreaksItsClients -release

lint: ## gofmt, vet, staticcheck
	@test -z "$$(gofmt -l . | tee /dev/stderr)"
	go vet ./...
	$(STATICCHECK) ./...

generate: ## write what is generated: GraphQL code, docs/errors.md, the picture of the house
	go generate ./...
	go test ./graph/answer -count 1 -update
	go run ./internal/archtest/house > docs/images/house.svg

fresh: generate ## fail when something generated is not as committed
	@git diff --exit-code --stat -- graph docs bff || { echo "generated files are not fresh: commit what make generate wrote"; exit 1; }

race: ## the tests under the race detector, but what asks two thousand times one after the other; of the journeys, where persons cross
	go test -race -timeout 30m -skip TestNoEntranceTellsWhetherAPersonIsKnown $$(go list ./... | grep -v -e /internal/journey -e /loadtest)
	go test -race -timeout 30m -run TestTwoPeopleNeverSeeEachOthers ./internal/journey

pictures: ## take the README's pictures anew, in a browser
	TONGBAN_TEST_FULL=1 TONGBAN_PICTURES=$(CURDIR)/docs/images go test -count 1 -run TestThePicturesOfTheReadme ./internal/journey

demands: ## list the demands of docs/demands.md that no test shows
	@go run ./internal/archtest/demands

bench: ## what hot paths cost
	go test -run '^$$' -bench . -benchmem ./internal/crypt ./services/province/... ./services/access/... ./bff/... ./internal/journey/...

withdrawal: ## how fast a withdrawn consent is over in another process, with Redis and without: p99 within two seconds, or it fails; needs PostgreSQL
	TONGBAN_TEST_TIMED=1 go test -count 1 -timeout 20m -run TestHowFastAWithdrawal -v ./internal/journey

kill: ## kill -9 the product at random moments around submits and sign-ins
	TONGBAN_TEST_KILL=10 go test -count 1 -timeout 20m -run 'TestA?Killed' -v ./internal/journey

rotation: ## rotate signing keys three times while ten people, an officer and a mini-app ask, and count
	TONGBAN_ROTATION=1 go test -count 1 -timeout 20m -run TestARotationUnderLoad -v ./internal/journey

refusals: ## how fast hostile input is refused: under 100 ms to the first byte, or it fails
	TONGBAN_TEST_TIMED=1 go test -count 1 -run TestHostileInputIsRefusedInTime -v ./internal/journey

alike: ## whether known and unknown persons take as long at every entrance: medians within a tenth, three times, or it fails
	TONGBAN_TEST_TIMED=1 go test -count 1 -run TestKnownAndUnknownPersonsTakeAsLong -v ./bff/oauth

cost: ## what the home query costs on one core
	TONGBAN_COST=1 go test -count 1 -timeout 20m -run TestWhatTheHomeCosts -v ./internal/journey

load: ## what answers cost beside two reference servers, about five minutes; docs/performance.md
	go run ./loadtest

first-screen: ## the way from a tap to the first useful screen, in Chromium, at 400 ms of round trip
	go run ./loadtest --first-screen
