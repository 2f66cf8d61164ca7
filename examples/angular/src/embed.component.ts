import { NgIf } from "@angular/common";
import { HttpClient } from "@angular/common/http";
import { Component, Input, OnInit, inject } from "@angular/core";
import { DomSanitizer, SafeResourceUrl } from "@angular/platform-browser";
import { firstValueFrom } from "rxjs";

@Component({
    selector: "app-embed",
    imports: [NgIf],
    template: `
        <div *ngIf="loading">Loading …</div>
        <div *ngIf="error">{{ error }}</div>
        <iframe *ngIf="embedUrl" [src]="embedUrl" width="100%" height="600px" style="border: none" title="Orders"></iframe>
    `,
})
export class EmbedComponent implements OnInit {
    @Input({ required: true }) userEmail!: string;
    @Input({ required: true }) appId!: string;

    private readonly http = inject(HttpClient);
    private readonly sanitizer = inject(DomSanitizer);
    embedUrl: SafeResourceUrl | null = null;
    loading = true;
    error: string | null = null;

    async ngOnInit() {
        try {
            const body = { email: this.userEmail, appId: this.appId };
            const answer = await firstValueFrom(this.http.post<{ redirectUrl: string }>("/api/get-tooljet-url", body));
            // The address comes from the portal's own server, which had it from Inlay.
            this.embedUrl = this.sanitizer.bypassSecurityTrustResourceUrl(answer.redirectUrl);
        } catch (error) {
            console.error(error);
            this.error = "The app cannot be shown.";
        } finally {
            this.loading = false;
        }
    }
}
