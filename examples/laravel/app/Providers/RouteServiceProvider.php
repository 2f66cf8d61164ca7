<?php

namespace App\Providers;

use Illuminate\Foundation\Support\Providers\RouteServiceProvider as ServiceProvider;
use Illuminate\Support\Facades\Route;

class RouteServiceProvider extends ServiceProvider
{
    public function boot(): void
    {
        $this->routes(function (): void {
            Route::prefix('api')->group(base_path('routes/api.php'));
            Route::get('/', fn () => response()->file(env('PAGES', base_path('../html')) . '/index.html'));
        });
    }
}
