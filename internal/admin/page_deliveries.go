package admin

import (
	"net/http"
	"time"

	"seekpoller/store"
)

// deliveryList is what the page of deliveries shows.
type deliveryList struct {
	chooser
	Now   time.Time
	Rows  []store.DeliveryRow
	Older string // the address of the next page; ""
	Later bool   // this is not the first page
}

// First is the address of the first page.
func (l deliveryList) First() string { return l.address("/deliveries") }

// deliveriesPage lists deliveries, newest arrival first.
func (s *Server) deliveriesPage(r *http.Request, sh *sheet) error {
	p := readParams(r)
	l := deliveryList{chooser: p.chooser(), Now: sh.At}
	l.Destination = p.text("destination")
	mark := p.text("before")
	if err := p.end(); err != nil {
		return err
	}
	before, err := store.ParseDeliveryMark(mark)
	if err != nil {
		return badRequest("before "+err.Error(), "")
	}
	l.Later = mark != ""
	c := s.config.Load()
	if err := l.offer(r.Context(), c.Store); err != nil {
		return err
	}
	var next store.DeliveryMark
	l.Rows, next, err = c.Store.Deliveries(r.Context(), store.DeliveryFilter{
		Destination: l.Destination, State: l.State, Stream: l.Stream, Type: l.Type, Since: l.Since, Until: l.Until, Before: before, Limit: rowsShown,
	})
	if err != nil {
		return err
	}
	if next != (store.DeliveryMark{}) {
		l.Older = l.address("/deliveries", "before", next.String())
	}
	sh.Title, sh.Body = "Deliveries", l
	if l.State == "dead" {
		sh.Title = "Dead letters"
	}
	return nil
}
