import { HttpClient, provideHttpClient } from "@angular/common/http";
import { NgIf } from "@angular/common";
import { Component, OnInit, inject } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { firstValueFrom } from "rxjs";
import { EmbedComponent } from "./embed.component";

/** The portal's page: who is signed in, and the embed below. */
@Component({
    selector: "app-root",
    imports: [NgIf, EmbedComponent],
    template: `
        <h1>My portal</h1>
        <app-embed *ngIf="me" [userEmail]="me.email" [appId]="me.appId"></app-embed>
    `,
})
class PortalComponent implements OnInit {
    private readonly http = inject(HttpClient);
    me: { email: string; appId: string } | null = null;

    async ngOnInit() {
        this.me = await firstValueFrom(this.http.get<{ email: string; appId: string }>("/api/me"));
    }
}

bootstrapApplication(PortalComponent, { providers: [provideHttpClient()] }).catch((error: unknown) =>
    console.error(error),
);
