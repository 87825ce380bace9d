using Microsoft.Playwright;
using Wspy.Interop.Tests.Harness;

namespace Wspy.Tool.Tests.InBrowser;

/// <summary>One Chromium for all tests of a class. Without it they are skipped, and in CI they fail.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly Uri EmptyPage = new("about:blank");

    private Browser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Requirement.Chromium.Missing is null)
        {
            _browser = await Browser.StartAsync();
        }
    }

    public Task<IPage> OpenAsync()
    {
        Requirement.Need(Requirement.Chromium);
        return _browser!.OpenAsync(EmptyPage);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }
    }
}
