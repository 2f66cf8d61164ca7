// An app's server that believes nobody but Inlay about who its user is.
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"

	"github.com/coreos/go-oidc"
)

func setting(name, usual string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return usual
}

type user struct{}

// signedIn lets only requests through whose assertion Inlay has signed for this app.
func signedIn(verifier *oidc.IDTokenVerifier, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assertion, err := verifier.Verify(r.Context(), r.Header.Get("X-Inlay-Assertion"))
		if err != nil || assertion.Subject == "" {
			http.Error(w, "no valid assertion", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), user{}, assertion.Subject)))
	})
}

func whoami(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"user": r.Context().Value(user{})})
}

func main() {
	url := setting("INLAY_URL", "http://localhost:3000")
	keys := oidc.NewRemoteKeySet(context.Background(), url+"/.well-known/jwks.json")
	verifier := oidc.NewVerifier(url, keys, &oidc.Config{
		ClientID:             os.Getenv("APP_ID"),
		SupportedSigningAlgs: []string{oidc.ES256},
	})

	mux := http.NewServeMux()
	mux.Handle("/whoami", signedIn(verifier, http.HandlerFunc(whoami)))
	address := "localhost:" + setting("PORT", "3002")
	log.Printf("The app is on http://%s", address)
	log.Fatal(http.ListenAndServe(address, mux))
}
