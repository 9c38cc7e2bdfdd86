// Json adds up a list of things for sale.
package main

import (
	"encoding/json/v2"
	"io"
	"net/http"
	"slices"
	"strings"

	"compare/wasihttp"
)

// order is what is asked; a pointer that is nil was not given.
type order struct {
	Items *[]item `json:"items"`
}

type item struct {
	Name     *string    `json:"name"`
	Price    *int64     `json:"price"`
	Quantity *int64     `json:"quantity"`
	Tags     *[]*string `json:"tags"`
}

type summary struct {
	Count int            `json:"count"`
	Total int64          `json:"total"`
	Names []string       `json:"names"`
	Tags  map[string]int `json:"tags"`
}

func init() {
	wasihttp.Serve(http.HandlerFunc(handle))
}

func main() {}

func handle(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	var order order
	if err := json.Unmarshal(body, &order); err != nil || !order.complete() {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, "bad request\n")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	// Deterministic sorts the tags.
	if err := json.MarshalWrite(w, summarise(*order.Items), json.Deterministic(true)); err != nil {
		panic(err)
	}
}

func (o *order) complete() bool {
	return o.Items != nil && !slices.ContainsFunc(*o.Items, func(i item) bool { return !i.complete() })
}

func (i *item) complete() bool {
	return i.Name != nil && i.Price != nil && i.Quantity != nil && i.Tags != nil && !slices.Contains(*i.Tags, nil)
}

func summarise(items []item) summary {
	s := summary{Count: len(items), Names: []string{}, Tags: map[string]int{}}
	for _, item := range items {
		s.Total += *item.Price * *item.Quantity
		s.Names = append(s.Names, strings.ToUpper(*item.Name))
		seen := map[string]bool{}
		for _, tag := range *item.Tags {
			if !seen[*tag] {
				seen[*tag] = true
				s.Tags[*tag]++
			}
		}
	}
	slices.Sort(s.Names)
	return s
}
