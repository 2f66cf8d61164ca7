<?php

namespace App\Http\Controllers;

use Illuminate\Http\Request;
use Illuminate\Support\Facades\Http;
use Illuminate\Support\Facades\Log;

class ToolJetController extends Controller
{
    private const TOLD = [403 => 'you may not use this app', 404 => 'unknown user or app', 429 => 'too many requests'];

    public function me()
    {
        return response()->json(['email' => $this->signedIn(), 'appId' => env('APP_ID')]);
    }

    public function getToolJetUrl(Request $request)
    {
        $asked = $request->validate(['email' => 'required|email', 'appId' => 'required|string']);
        // Whoever may name the email here may be anybody: compare it with your own session.
        if ($asked['email'] !== $this->signedIn()) {
            return response()->json(['error' => 'that is somebody else'], 403);
        }
        $host = env('TOOLJET_HOST', 'http://localhost:3000');
        try {
            $response = Http::withHeaders([
                'Authorization' => 'Basic ' . env('TOOLJET_API_TOKEN'),
                'Content-Type' => 'application/json',
            ])->post($host . '/api/ext/users/personal-access-token', [
                'email' => $asked['email'],
                'appId' => $asked['appId'],
                'sessionExpiry' => 60,
                'patExpiry' => 3600,
            ]);
        } catch (\Exception $error) {
            Log::error('no link: ' . $error->getMessage());
            return response()->json(['error' => 'no link could be made'], 500);
        }
        if ($response->failed()) {
            $status = isset(self::TOLD[$response->status()]) ? $response->status() : 500;
            return response()->json(['error' => self::TOLD[$status] ?? 'no link could be made'], $status);
        }
        return response()->json(['redirectUrl' => $response->json()['redirectUrl']]);
    }

    /** Your own login says who is there. This portal knows one person. */
    private function signedIn(): string
    {
        return (string) env('USER_EMAIL');
    }
}
