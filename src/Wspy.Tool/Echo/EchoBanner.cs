using Spectre.Console;
using Wspy.Tool.Terminal;

namespace Wspy.Tool.Echo;

/// <summary>What a person reads first and last.</summary>
internal static class EchoBanner
{
    public static void Show(EchoAddresses addresses, Verbosity verbosity)
    {
        if (verbosity == Verbosity.Quiet)
        {
            Screen.Output.WriteLine(addresses.Page);
            return;
        }

        Grid grid = new();
        grid.AddColumn(new GridColumn().NoWrap().PadRight(3));
        grid.AddColumn(new GridColumn().NoWrap());
        grid.AddRow(new Markup("Page"), new Markup($"[bold green]{Markup.Escape(addresses.Page)}[/]"));
        if (addresses.PageElsewhere is { } elsewhere)
        {
            grid.AddRow(new Markup("From other machines"), new Markup(Markup.Escape(elsewhere)));
        }

        grid.AddRow(new Markup("WebSocket"), new Markup($"[bold]{Markup.Escape(addresses.WebSocket)}[/] [grey]or any other path[/]"));
        grid.AddRow(new Markup("Stop"), new Markup("Ctrl-C"));
        Screen.Output.Write(new Panel(grid) { Header = new PanelHeader(" wspy echo "), Border = BoxBorder.Rounded, Padding = new Padding(2, 0) });
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

    private static string Count(long number, string noun) => $"{number:N0} {noun}{(number == 1 ? "" : "s")}";
}
