using System.Net;
using System.Net.Sockets;
using Spectre.Console;
using Wspy.Tool.Terminal;

namespace Wspy.Tool.Echo;

/// <summary>What a person reads first and last.</summary>
internal static class EchoBanner
{
    /// <param name="endPoints">Where the server is.</param>
    /// <param name="tls">Whether it speaks TLS there.</param>
    /// <param name="certificate">The development certificate that browsers do not know; null if it serves another, or none.</param>
    /// <param name="verbosity">How much to say.</param>
    public static void Show(IReadOnlyList<EndPoint> endPoints, bool tls, string? certificate, Verbosity verbosity)
    {
        EchoAddresses[] addresses = [.. endPoints.OfType<IPEndPoint>().Select(endPoint => new EchoAddresses(endPoint, tls))];
        string[] sockets = [.. endPoints.OfType<UnixDomainSocketEndPoint>().Select(static endPoint => endPoint.ToString()!)];
        if (verbosity == Verbosity.Quiet)
        {
            foreach (string place in addresses.Select(static address => address.Page).Concat(sockets.Select(static socket => $"unix:{socket}")))
            {
                Screen.Output.Profile.Out.Writer.WriteLine(place);
            }

            return;
        }

        Grid grid = new();
        grid.AddColumn(new GridColumn().NoWrap().PadRight(3));
        grid.AddColumn(new GridColumn().NoWrap());
        foreach (EchoAddresses address in addresses)
        {
            grid.AddRow(new Markup("Page"), new Markup($"[bold green]{Markup.Escape(address.Page)}[/]"));
            if (address.PageElsewhere is { } elsewhere)
            {
                grid.AddRow(new Markup("From other machines"), new Markup(Markup.Escape(elsewhere)));
            }

            grid.AddRow(new Markup("WebSocket"), new Markup($"[bold]{Markup.Escape(address.WebSocket)}[/] [grey]or any other path[/]"));
        }

        foreach (string socket in sockets)
        {
            grid.AddRow(new Markup("Unix-domain socket"), new Markup($"[bold]{(tls ? "wss" : "ws")}+unix:{Markup.Escape(socket)}[/]"));
        }

        grid.AddRow(new Markup("Stop"), new Markup("Ctrl-C"));
        Screen.Output.Write(new Panel(grid) { Header = new PanelHeader(" wspy echo "), Border = BoxBorder.Rounded, Padding = new Padding(2, 0) });
        if (certificate is not null && addresses is [var first, ..])
        {
            ShowTrust(first, certificate);
        }
    }

    public static void ShowEnd(long connections, long messages, Verbosity verbosity)
    {
        if (verbosity != Verbosity.Quiet)
        {
            // A terminal shows Ctrl-C as ^C and stays on that line.
            Screen.Output.WriteLine();
            Screen.Output.WriteLine($"Stopped. {Count(connections, "connection")}, {Count(messages, "message")} echoed.");
        }
    }

    // Plain lines, however long the path is: they are for copying.
    private static void ShowTrust(EchoAddresses addresses, string certificate)
    {
        TextWriter output = Screen.Output.Profile.Out.Writer;
        output.WriteLine($"The certificate was made on this machine and is known to nobody else: {certificate}");
        output.WriteLine($"  browser    open {addresses.Page} and accept the warning, or import that file as a trusted certificate");
        output.WriteLine($"  curl       curl --cacert \"{certificate}\" {addresses.Page}");
        output.WriteLine($"  wspy       wspy bench --insecure {addresses.WebSocket}, and likewise wspy conform");
    }

    private static string Count(long number, string noun) => $"{number:N0} {noun}{(number == 1 ? "" : "s")}";
}
