module verify

go 1.19

require github.com/coreos/go-oidc v2.1.0+incompatible
