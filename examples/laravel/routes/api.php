<?php

use App\Http\Controllers\ToolJetController;
use Illuminate\Support\Facades\Route;

Route::get('/me', [ToolJetController::class, 'me']);
Route::post('/get-tooljet-url', [ToolJetController::class, 'getToolJetUrl']);
