"""Words of a support desk in Spain, with the characters that break careless backups."""

from importlib import resources

FIRST_NAMES = (
    "María", "José", "Lucía", "Íñigo", "Begoña", "Andrés", "Núria", "Óscar", "Zoë", "Martín",
    "Sofía", "Álvaro", "Inés", "Rubén", "Chloé", "Jesús", "Elena", "Iván", "Maialen", "Raúl",
)  # fmt: skip
LAST_NAMES = (
    "García", "Muñoz", "Ibáñez", "López", "Peña", "Núñez", "Etxeberria", "Gómez", "Cañada",
    "Vázquez", "Güell", "Ordóñez", "Martín", "Sáez", "Yáñez", "Castaño", "Pérez", "Rius", "Toñi",
)  # fmt: skip
DEPARTMENTS = (
    "Atención al cliente", "Facturación", "Infraestructura", "Sistemas académicos",
    "Recursos humanos", "Logística y almacén",
)  # fmt: skip
TAGS = (
    "urgente", "contraseña", "impresora", "correo", "VPN", "teléfono", "matrícula", "nómina",
    "pingüino", "año-nuevo", "móvil 📱", "café ☕",
)  # fmt: skip
SUBJECTS = (
    "No puedo iniciar sesión desde el móvil 📱",
    "La impresora de la 3.ª planta no responde",
    "Solicitud de ampliación de buzón",
    "Error 500 al adjuntar un PDF con «ñ» en el nombre",
    "¿Cuándo se renueva el certificado?",
    "Factura duplicada de septiembre (1.250,00 €)",
    "Código MFA rechazado 🔐",
    "Baja de usuario y devolución del portátil",
    "La VPN se desconecta cada 10 minutos 😡",
    "Cambio de contraseña caducada",
    "Pantalla azul tras la actualización 💻",
    "Acceso a la carpeta compartida de Dirección",
)
SENTENCES = tuple(
    resources.files("nexoaudit_demo").joinpath("sentences.txt").read_text("utf-8").splitlines()
)
