// Three ways in which a page proves to a WebSocket server who its user is. Start it, and open http://localhost:8000/.
using BrowserLogin;
using Wspy;

using LoginServer server = new(new ServerOptions { Port = args.Length > 0 ? int.Parse(args[0], provider: null) : 8000 });
Console.WriteLine("Log in as ada with \"correct horse\" on http://localhost:8000/ (or the port that you gave), Ctrl-C to stop.");
server.Run();
