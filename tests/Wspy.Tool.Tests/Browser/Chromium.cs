using Microsoft.Playwright;

namespace Wspy.Tool.Tests.Browser;

/// <summary>The Chromium of the machine, one for all tests of a class. Without it the tests are skipped, and in CI they fail.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string HowToInstall =
        "Chromium is missing. On Debian and Ubuntu: apt-get install chromium. Elsewhere set WSPY_CHROMIUM to the path of Chromium or Chrome.";

    private static readonly string[] Paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Find() is { } path)
        {
            _playwright = await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = path,

                // The sandbox needs rights that containers do not have; the tests open pages of their own only.
                Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
            });
        }
    }

    public async Task<IPage> OpenAsync()
    {
        if (_browser is null)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", HowToInstall);
            Assert.Fail(HowToInstall);
        }

        return await _browser.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    private static string? Find() =>
        Environment.GetEnvironmentVariable("WSPY_CHROMIUM") is { Length: > 0 } path ? path : Array.Find(Paths, File.Exists);
}
