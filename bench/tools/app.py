"""The smallest app that Chalice deploys with a schedule: what it does when it runs is not measured."""

from chalice import Chalice

app = Chalice(app_name="bench")


@app.schedule("cron(15 1 * * ? *)")
def digest(event):
    return None
